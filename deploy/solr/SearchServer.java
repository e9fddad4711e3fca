import java.net.InetSocketAddress;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;

/** Serves Solr: {@code java -Dsolr.solr.home=DIR SearchServer PORT [ADDRESS]}, on loopback if not told. */
public final class SearchServer {
    private SearchServer() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        String address = args.length > 1 ? args[1] : "127.0.0.1";
        Server server = new Server(new InetSocketAddress(address, port));
        ServletContextHandler context = new ServletContextHandler(null, "/solr");
        context.addEventListener(new CoreContainerProvider());
        context.addFilter(
                new FilterHolder(new SolrDispatchFilter()), "/*", EnumSet.of(DispatcherType.REQUEST));
        server.setHandler(context);
        server.setStopAtShutdown(true);
        server.start();
        server.join();
    }
}
